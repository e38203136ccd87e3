/// The call: both subtitles, balance, mute, push-to-talk, typed text, latency.
import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter/material.dart';
import 'package:qr_flutter/qr_flutter.dart';

import '../call/live_call.dart';
import 'refusals.dart';
import 'subtitle_list.dart';
import 'talk_bar.dart';

class CallScreen extends StatefulWidget {
  const CallScreen({Key? key, required this.call}) : super(key: key);

  final LiveCall call;

  @override
  State<CallScreen> createState() => _CallScreenState();
}

class _CallScreenState extends State<CallScreen> with WidgetsBindingObserver {
  @override
  void initState() {
    super.initState();
    WidgetsBinding.instance.addObserver(this);
  }

  @override
  void dispose() {
    WidgetsBinding.instance.removeObserver(this);
    widget.call.hangUp();
    super.dispose();
  }

  @override
  void didChangeAppLifecycleState(AppLifecycleState state) {
    if (state == AppLifecycleState.resumed) widget.call.wake();
  }

  @override
  Widget build(BuildContext context) => AnimatedBuilder(
        animation: widget.call,
        builder: (context, _) => Scaffold(
          appBar: AppBar(
            title: Text(widget.call.partner?.displayName ?? 'Nobody is there'),
            actions: [
              IconButton(
                tooltip: 'Hang up',
                onPressed: widget.call.hangUp,
                icon: const Icon(Icons.call_end),
              ),
            ],
          ),
          body: SafeArea(child: _body(widget.call)),
        ),
      );

  Widget _body(LiveCall call) {
    final ended = call.ended;
    if (ended != null) return Center(child: Text(sentence(ended)));
    return Column(children: [
      for (final text in _warnings(call))
        Semantics(
          liveRegion: true,
          child: ListTile(leading: const Icon(Icons.info), title: Text(text)),
        ),
      if (call.knock != null) _knock(call, call.knock!),
      Expanded(child: call.partner == null ? _invite(call) : _talk(call)),
      Semantics(liveRegion: true, child: Text(_typing(call))),
      TalkBar(call: call),
    ]);
  }

  Widget _talk(LiveCall call) =>
      SubtitleList(subtitles: call.subtitles, me: call.balance.me);

  /// Always there, if empty: a screen reader speaks what changes in it.
  String _typing(LiveCall call) => call.typing.partnerTypes
      ? '${call.partner?.displayName ?? 'The other person'} is typing…'
      : '';

  Widget _invite(LiveCall call) {
    final code = call.place.code;
    if (call.waiting) return const Center(child: Text('Asking to come in…'));
    if (code.isEmpty) return const Center(child: CircularProgressIndicator());
    final link = Invitation(code, call.place.server).link;
    return Center(
      child: Column(mainAxisSize: MainAxisSize.min, children: [
        QrImageView(
          data: link,
          size: 220,
          backgroundColor: Colors.white,
          semanticsLabel: 'Invitation to this call',
        ),
        SelectableText(code, style: const TextStyle(fontSize: 32)),
        SelectableText(link),
      ]),
    );
  }

  Widget _knock(LiveCall call, JoinRequest asking) => ListTile(
        title: Text('${asking.displayName} wants to come in'),
        trailing: Row(mainAxisSize: MainAxisSize.min, children: [
          TextButton(
            onPressed: () => call.admit(false),
            child: const Text('No'),
          ),
          FilledButton(
            onPressed: () => call.admit(true),
            child: const Text('Let in'),
          ),
        ]),
      );

  List<String> _warnings(LiveCall call) => [
        if (!call.signaling.joined && !call.waiting) 'Connecting…',
        if (call.signaling.joined && !call.media.isUp) 'Connecting the sound…',
        if (call.partner?.connected == false) 'The other person is away.',
        if (call.level != Level.ok) 'The server is busy: it takes longer.',
        if (call.reasons.contains(StatusReason.nothingUnderstood))
          'Nothing that you say is understood. Microphone? Language?',
        if (call.reasons.contains(StatusReason.notInterpreted))
          'Your language is not understood here. Type instead.',
        if (call.typed.waiting.isNotEmpty && !call.media.isUp)
          '${call.typed.waiting.length} typed texts wait for the connection.',
      ];
}
