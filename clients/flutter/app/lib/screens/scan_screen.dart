/// The camera, until it sees an invitation.
import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter/material.dart';
import 'package:mobile_scanner/mobile_scanner.dart';

class ScanScreen extends StatefulWidget {
  const ScanScreen({Key? key}) : super(key: key);

  @override
  State<ScanScreen> createState() => _ScanScreenState();
}

class _ScanScreenState extends State<ScanScreen> {
  bool _found = false;

  void _look(BarcodeCapture capture) {
    for (final code in capture.barcodes) {
      final text = code.rawValue ?? '';
      if (_found || Invitation.of(text) == null) continue;
      _found = true; // the camera sees it again before this screen is gone
      Navigator.of(context).pop(text);
    }
  }

  @override
  Widget build(BuildContext context) => Scaffold(
        appBar: AppBar(title: const Text('Scan an invitation')),
        body: MobileScanner(onDetect: _look),
      );
}
