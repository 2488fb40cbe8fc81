"""That nothing is lost: backups and their return, the proof of the records, how the installation does, old runs."""
