"""Front door: the only room that reads the network (and source folders).

Source -> SourceCheck (entries found)      Entry -> FetchedPage | FetchFailure
"""
