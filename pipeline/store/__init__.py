"""Cellar: all SQL, the migrations and the embedded PostgreSQL."""
