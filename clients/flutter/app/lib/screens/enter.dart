/// The way into a call: microphone, socket, screen.
import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter/material.dart';

import '../call/live_call.dart';
import '../kept/kept.dart';
import '../net/pinned.dart';
import 'call_screen.dart';

/// Open a call's screen. Return false where the microphone is not allowed.
Future<bool> enter(
  BuildContext context,
  Api api,
  Kept kept,
  Net net,
  Place place,
) async {
  final call = await LiveCall.start(api, kept, net, place);
  if (call == null) return false;
  if (!context.mounted) {
    call.hangUp();
    return true;
  }
  await Navigator.of(context).push(
    MaterialPageRoute<void>(builder: (context) => CallScreen(call: call)),
  );
  return true;
}
