"""The books checked by a second pair of eyes: all events added up anew, and compared with what the tables say."""
