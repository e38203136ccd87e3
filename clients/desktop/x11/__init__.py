"""Keys of an X11 display: typing them, and a hot key."""
