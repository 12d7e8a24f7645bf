"""What the two kinds of data of PostgreSQL share: its programs, a server of its own, and what a database holds."""
