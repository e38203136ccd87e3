"""Peers on other WebRTC stacks than aiortc and a browser's: libwebrtc without a browser, and GStreamer."""
