"""What tests share: scenes on a virtual clock, real servers and peers, material."""
