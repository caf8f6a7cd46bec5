"""`amity bench identity`: how well and how fast records of one person are found."""
