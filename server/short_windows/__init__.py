"""Short windows of Whisper: each model folder's weights are judged, and the judgement switches them on."""
