"""FetchedPage -> Article | Rejection: extraction, boilerplate, dates, metadata, language."""
