"""The gate: who comes in at the desk's pages (login, enrolment, sessions), for Prefect's interface and the board."""
