"""What api and worker share."""
