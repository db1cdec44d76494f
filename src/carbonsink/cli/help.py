"""Help in the user's language: English stands beside the commands, Chinese in `library/help.toml`, put in where the locale is Chinese.

A group built with `ByLocale` reads the locale when the command line is built, so `LANG=zh_CN.UTF-8 carbonsink --help` is Chinese.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import partial, wraps
from inspect import unwrap
from typing import Any

from typer.core import TyperGroup

from carbonsink.base.problems import user_language
from carbonsink.base.topics import LIBRARY
from carbonsink.cli.usage import told, usage_in_chinese

NAME = "carbonsink"
# typer's own words: headings, and marks beside a parameter
PANELS = {
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "ERRORS_PANEL_TITLE": "错误",
    "ABORTED_TEXT": "已中止。",
    "RICH_HELP": "帮助：[blue]{command_path} {help_option}[/]",
    "REQUIRED_LONG_STRING": "[必填]",
    "DEFAULT_STRING": "[默认：{}]",
    "ENVVAR_STRING": "[环境变量：{}]",
}
Words = Mapping[str, Mapping[str, str]]


class ByLocale(TyperGroup):
    """The group of all commands, its help in Chinese for users of a Chinese locale."""

    def make_context(self, *arguments: Any, **settings: Any) -> Any:
        """The context of one call; by now typer has put its own options beside ours."""
        if user_language() == "zh":
            from typer import rich_utils

            for title, word in PANELS.items():
                setattr(rich_utils, title, word)
            rich_utils._make_rich_text = folding(unwrap(rich_utils._make_rich_text))  # once, however many calls a process makes
            translate(self, NAME, chinese())
        with told():
            return super().make_context(*arguments, **settings)

    def invoke(self, context: Any) -> Any:
        """One call, down to the command that was asked for."""
        with told():
            return super().invoke(context)


def folding(made: Callable[..., Any]) -> Callable[..., Any]:
    """Help texts folded where they meet the edge: rich cuts off what has no space to break at, as Chinese has none."""

    @wraps(made)
    def folded(**how: Any) -> Any:
        text = made(**how)
        text.overflow = "fold"
        return text

    return folded


def chinese() -> Words:
    """The Chinese words, by the command's path and the parameter's name."""
    return tomllib.loads((LIBRARY / "help.toml").read_text(encoding="utf-8"))


def translate(command: Any, path: str, words: Words) -> None:
    """Put Chinese words in the place of a command's own and of all below it; what has none keeps the English ones."""
    own = words.get(path, {})
    command.help = own.get("about", command.help)
    for parameter in command.params:
        parameter.help = said(parameter.name, path, words) or parameter.help
    command.get_usage = partial(_usage, command.get_usage)
    command.get_help_option = partial(_help_option, command.get_help_option, words[f"{NAME} any"]["help"])
    for name, below in getattr(command, "commands", {}).items():
        translate(below, f"{path} {name}", words)


def _usage(made: Callable[[Any], str], context: Any) -> str:
    return usage_in_chinese(made(context))


def _help_option(made: Callable[[Any], Any], words: str, context: Any) -> Any:
    """The option --help, which typer makes late and in English, with Chinese words."""
    option = made(context)
    if option is not None:
        option.help = words
    return option


def said(parameter: str, path: str, words: Words) -> str | None:
    """The Chinese words of a command's parameter: its own, else those it has everywhere."""
    return words.get(path, {}).get(parameter) or words[f"{NAME} any"].get(parameter)
