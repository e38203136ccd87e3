"""What is no speech to be interpreted, and a call without a network in which it is heard."""
