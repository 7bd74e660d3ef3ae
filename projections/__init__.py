"""What has happened, arranged to be asked about: one question a file."""
