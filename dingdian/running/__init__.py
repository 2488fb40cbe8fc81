"""The services of one installation on one machine, and Prefect beneath them."""
