/// What a participant does in the call: talk, mute, type, and weigh the voices.
import 'package:flutter/material.dart';

import '../call/live_call.dart';

class TalkBar extends StatefulWidget {
  const TalkBar({Key? key, required this.call}) : super(key: key);

  final LiveCall call;

  @override
  State<TalkBar> createState() => _TalkBarState();
}

class _TalkBarState extends State<TalkBar> {
  final TextEditingController _text = TextEditingController();
  bool _pushToTalk = false;
  String? _problem;

  LiveCall get _call => widget.call;

  @override
  void dispose() {
    _text.dispose();
    super.dispose();
  }

  void _say() {
    final text = _text.text.trim();
    if (text.isEmpty) return;
    final isTaken = _call.say(text);
    setState(() => _problem = isTaken ? null : 'Too many texts wait already.');
    if (isTaken) _text.clear();
  }

  void _setPushToTalk(bool on) {
    setState(() => _pushToTalk = on);
    _call.microphone.hold(!on);
  }

  @override
  Widget build(BuildContext context) => Padding(
        padding: const EdgeInsets.all(8),
        child: Column(children: [
          Row(children: [
            const Text('Original'),
            Expanded(
              child: Slider(
                value: _call.balance.original,
                label: 'Original voice',
                semanticFormatterCallback: (value) =>
                    '${(100 * value).round()} %',
                onChanged: _call.setBalance,
              ),
            ),
            Text(_latency()),
          ]),
          TextField(
            controller: _text,
            maxLength: 500,
            decoration: InputDecoration(
              labelText: 'Type instead of speaking',
              errorText: _problem,
              counterText: '',
              suffixIcon: IconButton(
                tooltip: 'Say it',
                onPressed: _say,
                icon: const Icon(Icons.send),
              ),
            ),
            onChanged: (text) => _call.typing.mine(text.trim().isNotEmpty),
            onSubmitted: (_) => _say(),
          ),
          Row(children: [
            IconButton(
              tooltip: _call.microphone.muted ? 'Unmute' : 'Mute',
              onPressed: () => _call.mute(!_call.microphone.muted),
              icon: Icon(_call.microphone.muted ? Icons.mic_off : Icons.mic),
            ),
            IconButton(
              tooltip: 'Start over: drop what I am saying',
              onPressed: _call.media.isUp && _call.partner != null
                  ? _call.startOver
                  : null,
              icon: const Icon(Icons.replay),
            ),
            IconButton(
              tooltip: 'Loudspeaker, headset',
              onPressed: _chooseOutput,
              icon: const Icon(Icons.volume_up),
            ),
            Expanded(child: _pushToTalk ? _button() : const SizedBox()),
            const Text('Push to talk'),
            Switch(value: _pushToTalk, onChanged: _setPushToTalk),
          ]),
        ]),
      );

  Widget _button() => Listener(
        onPointerDown: (_) => _call.talk(true),
        onPointerUp: (_) => _call.talk(false),
        onPointerCancel: (_) => _call.talk(false),
        child:
            FilledButton(onPressed: () {}, child: const Text('Hold to talk')),
      );

  Future<void> _chooseOutput() async {
    final outputs = await _call.microphone.outputs();
    if (!mounted) return;
    await showModalBottomSheet<void>(
      context: context,
      builder: (context) => ListView(shrinkWrap: true, children: [
        for (final one in outputs)
          ListTile(
            title: Text(one.label),
            onTap: () {
              _call.microphone.useOutput(one);
              Navigator.of(context).pop();
            },
          ),
      ]),
    );
  }

  String _latency() {
    final latencyMs = _call.latencyMs;
    final rttMs = _call.media.stats?.rttMs;
    return [
      if (latencyMs != null) '${(latencyMs / 1000).toStringAsFixed(1)} s',
      if (rttMs != null) '${rttMs.round()} ms',
    ].join(', ');
  }
}
