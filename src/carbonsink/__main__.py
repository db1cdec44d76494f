"""`python -m carbonsink` and the `carbonsink` command."""

from carbonsink.cli import main

if __name__ == "__main__":
    main()
