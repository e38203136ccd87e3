/// Dragoman: calls between two languages.
import 'package:flutter/material.dart';

import 'kept/kept.dart';
import 'net/pinned.dart';
import 'screens/start_screen.dart';

Future<void> main() async {
  WidgetsFlutterBinding.ensureInitialized();
  runApp(DragomanApp(net: await Net.load(), kept: Kept()));
}

class DragomanApp extends StatelessWidget {
  const DragomanApp({Key? key, required this.net, required this.kept})
      : super(key: key);

  final Net net;
  final Kept kept;

  @override
  Widget build(BuildContext context) => MaterialApp(
        title: 'Dragoman',
        theme: ThemeData(colorSchemeSeed: Colors.teal),
        darkTheme: ThemeData(
          colorSchemeSeed: Colors.teal,
          brightness: Brightness.dark,
        ),
        home: StartScreen(net: net, kept: kept),
      );
}
