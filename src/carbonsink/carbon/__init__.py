"""Stage 5: activity data and factors, by equation, into tonnes of each flow."""
