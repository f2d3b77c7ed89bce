"""The demonstration: a real Airflow, a few outlets of our own, and three days of news played through the DAG."""
