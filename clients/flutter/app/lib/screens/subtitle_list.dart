/// Both subtitles of a call: what was said, and below it the translation.
import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter/material.dart';

class SubtitleList extends StatelessWidget {
  const SubtitleList({Key? key, required this.subtitles, required this.me})
      : super(key: key);

  final Subtitles subtitles;
  final String me;

  @override
  Widget build(BuildContext context) {
    final sentences = subtitles.sentences.reversed.toList();
    return ListView.builder(
      reverse: true,
      padding: const EdgeInsets.all(12),
      itemCount: sentences.length,
      itemBuilder: (context, at) => _sentence(context, sentences[at]),
    );
  }

  Widget _sentence(BuildContext context, List<Line> lines) {
    final mine = lines.first.speaker == me;
    final said = lines.map((one) => one.text).join(' ');
    final meant = lines.map((one) => one.translation).join(' ').trim();
    final isFinal = lines.every((one) => one.isFinal);
    final mark = lines.any((one) => one.isMarked) ? ' (?)' : '';
    final texts = Theme.of(context).textTheme;
    return Align(
      alignment: mine ? Alignment.centerRight : Alignment.centerLeft,
      child: Card(
        child: Padding(
          padding: const EdgeInsets.all(8),
          child: Opacity(
            opacity: isFinal ? 1 : 0.7,
            child:
                Column(crossAxisAlignment: CrossAxisAlignment.start, children: [
              Text(said, style: mine ? texts.bodyLarge : texts.bodyMedium),
              if (meant.isNotEmpty)
                Text('$meant$mark',
                    style: mine ? texts.bodyMedium : texts.bodyLarge),
            ]),
          ),
        ),
      ),
    );
  }
}
