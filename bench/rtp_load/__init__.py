"""Load on a media path: peers that send encoded sound and keep all that arrives."""
