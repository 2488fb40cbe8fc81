"""The board: a small read-only web application for the office, on loopback. It reads our own database, writes nothing,
and leads to Prefect's forms, where every act is done."""
