"""The Wirewatch page inside the Airflow UI: `app` serves it, `page` renders it."""
