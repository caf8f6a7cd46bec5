"""`amity import`: files in, with a line of progress; the same services as the screen Import."""
