/// My calls that are kept, and what was said in them.
import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter/material.dart';

import 'refusals.dart';

class HistoryScreen extends StatelessWidget {
  const HistoryScreen({Key? key, required this.api}) : super(key: key);

  final Api api;

  @override
  Widget build(BuildContext context) => Scaffold(
        appBar: AppBar(title: const Text('My calls')),
        body: _Awaited<PastCalls>(
          coming: api.calls,
          show: (found) => ListView(children: [
            for (final call in found.sessions)
              ListTile(
                title: Text(call.participants
                    .where((one) => one.participantId != call.participantId)
                    .map((one) => one.displayName)
                    .join(', ')),
                subtitle: Text('${_time(call.startedAt)}'),
                onTap: () => Navigator.of(context).push(
                  MaterialPageRoute<void>(
                    builder: (context) => _PastCallScreen(api: api, call: call),
                  ),
                ),
              ),
          ]),
        ),
      );
}

class _PastCallScreen extends StatelessWidget {
  const _PastCallScreen({Key? key, required this.api, required this.call})
      : super(key: key);

  final Api api;
  final PastCall call;

  @override
  Widget build(BuildContext context) => Scaffold(
        appBar: AppBar(title: Text('${_time(call.startedAt)}')),
        body: _Awaited<History>(
          coming: () => api.history(call.sessionId, limit: 1000),
          show: (found) => ListView(children: [
            for (final entry in found.translations)
              ListTile(
                title: Text(entry.originalText),
                subtitle: Text(entry.translatedText),
              ),
            if (found.total > found.translations.length)
              const ListTile(title: Text('The rest is on the page.')),
          ]),
        ),
      );
}

DateTime _time(int epochMs) =>
    DateTime.fromMillisecondsSinceEpoch(epochMs).toLocal();

/// Something that is asked of the server once.
class _Awaited<T> extends StatefulWidget {
  const _Awaited({Key? key, required this.coming, required this.show})
      : super(key: key);

  final Future<T> Function() coming;
  final Widget Function(T found) show;

  @override
  State<_Awaited<T>> createState() => _AwaitedState<T>();
}

class _AwaitedState<T> extends State<_Awaited<T>> {
  late final Future<T> _coming = widget.coming();

  @override
  Widget build(BuildContext context) => FutureBuilder<T>(
        future: _coming,
        builder: (context, state) {
          final error = state.error;
          final found = state.data;
          if (error is Refused) {
            return Center(child: Text(sentence(error.code)));
          }
          if (error != null) return const Center(child: Text('It failed.'));
          if (found == null) {
            return const Center(child: CircularProgressIndicator());
          }
          return widget.show(found);
        },
      );
}
