/// The first screen: a server, who I am, and a call to begin or to join.
import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter/material.dart';

import '../kept/kept.dart';
import '../net/pinned.dart';
import 'enter.dart';
import 'history_screen.dart';
import 'refusals.dart';
import 'scan_screen.dart';
import 'sign_in_dialog.dart';

class StartScreen extends StatefulWidget {
  const StartScreen({Key? key, required this.net, required this.kept})
      : super(key: key);

  final Net net;
  final Kept kept;

  @override
  State<StartScreen> createState() => _StartScreenState();
}

class _StartScreenState extends State<StartScreen> {
  final TextEditingController _server = TextEditingController();
  final TextEditingController _name = TextEditingController();
  final TextEditingController _code = TextEditingController();
  List<LanguagesLanguages> _languages = [];
  String? _language;
  String? _problem;
  bool _signedIn = false;
  bool _busy = false;
  late Api _api = Api('', client: widget.net.client);

  @override
  void initState() {
    super.initState();
    _begin();
  }

  @override
  void dispose() {
    _server.dispose();
    _name.dispose();
    _code.dispose();
    super.dispose();
  }

  Future<void> _begin() async {
    _server.text = await widget.kept.server();
    if (_server.text.isEmpty) return;
    await _useServer();
    final place = await widget.kept.place();
    if (place != null && mounted) await _enter(place); // the app was ended
  }

  Future<void> _useServer() => _try(() async {
        final server = serverOf(_server.text);
        if (server == null) {
          _problem = 'The address begins with https://';
          return;
        }
        _server.text = server;
        _api = Api(server, client: widget.net.client);
        _signedIn = false;
        _languages = (await _api.languages()).languages;
        _language ??= _languages.isEmpty ? null : _languages.first.tag;
        await widget.kept.keepServer(server);
        await _comeBack();
      });

  Future<void> _comeBack() async {
    final token = await widget.kept.refreshToken(_api.server);
    if (token == null) return;
    try {
      final given = await _api.refresh(token);
      await widget.kept.keepRefreshToken(_api.server, given.refreshToken);
      _signedIn = true;
    } on Refused catch (refused) {
      if (refused.code == Code.unauthorized) {
        _signedIn = false;
        await widget.kept.keepRefreshToken(_api.server, null);
      }
    }
  }

  Future<void> _signIn() async {
    final given = await showDialog<SignedIn>(
      context: context,
      builder: (context) => SignInDialog(api: _api),
    );
    if (given == null) return;
    await widget.kept.keepRefreshToken(_api.server, given.refreshToken);
    setState(() => _signedIn = true);
  }

  Future<void> _signOut() => _try(() async {
        final token = await widget.kept.refreshToken(_api.server);
        await widget.kept.keepRefreshToken(_api.server, null);
        _signedIn = false;
        if (token != null) await _api.signOut(token);
      });

  Future<void> _create() => _try(() async {
        await _beSomebody();
        final made = await _api.create(_language!);
        await _enter(Place(
          server: _api.server,
          wsUrl: made.wsUrl,
          sessionId: made.sessionId,
          token: _api.token,
          language: _language!,
          code: made.sessionCode ?? '',
        ));
      });

  Future<void> _join(String text) => _try(() async {
        final invitation = Invitation.of(text);
        if (invitation == null) {
          _problem = 'A code has 6 to 10 digits.';
          return;
        }
        final server = invitation.server;
        if (server != null && server != _api.server) {
          if (!await _allows(server)) return;
          _server.text = server;
          _api = Api(server, client: widget.net.client);
          _signedIn = false; // an account is of one server
        }
        await _beSomebody();
        final found = await _api.join(invitation.code, _language ?? 'en');
        await _enter(Place(
          server: _api.server,
          wsUrl: found.wsUrl,
          sessionId: found.sessionId,
          token: _api.token,
          language: _language ?? 'en',
        ));
      });

  Future<void> _scan() async {
    final text = await Navigator.of(context).push(
      MaterialPageRoute<String>(builder: (context) => const ScanScreen()),
    );
    if (text != null) await _join(text);
  }

  /// A link may lead to anybody's server, and that one would hear the call.
  Future<bool> _allows(String server) async =>
      await showDialog<bool>(
        context: context,
        builder: (context) => AlertDialog(
          title: const Text('Another server'),
          content: Text('This call is on $server. It will hear you.'),
          actions: [
            TextButton(
              onPressed: () => Navigator.of(context).pop(false),
              child: const Text('Cancel'),
            ),
            FilledButton(
              onPressed: () => Navigator.of(context).pop(true),
              child: const Text('Join'),
            ),
          ],
        ),
      ) ??
      false;

  Future<void> _beSomebody() async {
    if (_signedIn) await _comeBack(); // an access token lives 15 minutes
    if (!_signedIn) await _api.guest(_name.text.trim());
  }

  Future<void> _enter(Place place) async {
    final api = Api(place.server, client: widget.net.client)
      ..token = _api.token;
    if (!await enter(context, api, widget.kept, widget.net, place)) {
      setState(() => _problem = 'A call needs the microphone.');
    }
  }

  Future<void> _try(Future<void> Function() action) async {
    setState(() {
      _busy = true;
      _problem = null;
    });
    try {
      await action();
    } on Refused catch (refused) {
      _problem = sentence(refused.code);
    } on WireError {
      _problem = 'This is no server of Dragoman, or a much newer one.';
    }
    if (mounted) setState(() => _busy = false);
  }

  @override
  Widget build(BuildContext context) => Scaffold(
        appBar: AppBar(title: const Text('Dragoman'), actions: _account()),
        body: ListView(
          padding: const EdgeInsets.all(16),
          children: [
            TextField(
              controller: _server,
              keyboardType: TextInputType.url,
              decoration: const InputDecoration(labelText: 'Server'),
              onSubmitted: (_) => _useServer(),
            ),
            if (!_signedIn)
              TextField(
                controller: _name,
                maxLength: 64,
                decoration: const InputDecoration(labelText: 'My name'),
              ),
            DropdownButtonFormField<String>(
              value: _language,
              decoration: const InputDecoration(labelText: 'I speak'),
              items: [
                for (final one in _languages)
                  DropdownMenuItem(value: one.tag, child: Text(one.name))
              ],
              onChanged: (tag) => setState(() => _language = tag),
            ),
            const SizedBox(height: 24),
            FilledButton(
              onPressed: _busy || _language == null ? null : _create,
              child: const Text('Begin a call'),
            ),
            const SizedBox(height: 24),
            TextField(
              controller: _code,
              decoration: const InputDecoration(labelText: 'Code, or link'),
              onSubmitted: _join,
            ),
            Row(children: [
              Expanded(
                child: OutlinedButton(
                  onPressed: _busy ? null : () => _join(_code.text),
                  child: const Text('Join'),
                ),
              ),
              IconButton(
                tooltip: 'Scan a code',
                onPressed: _busy ? null : _scan,
                icon: const Icon(Icons.qr_code_scanner),
              ),
            ]),
            if (_problem != null)
              Semantics(liveRegion: true, child: Text(_problem!)),
          ],
        ),
      );

  List<Widget> _account() {
    if (!_signedIn) {
      return [TextButton(onPressed: _signIn, child: const Text('Sign in'))];
    }
    return [
      IconButton(
        tooltip: 'My calls',
        icon: const Icon(Icons.history),
        onPressed: () => Navigator.of(context).push(
          MaterialPageRoute<void>(
            builder: (context) => HistoryScreen(api: _api),
          ),
        ),
      ),
      TextButton(onPressed: _signOut, child: const Text('Sign out')),
    ];
  }
}
