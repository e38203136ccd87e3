/// Sign-in with an account of the server.
import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter/material.dart';

import 'refusals.dart';

class SignInDialog extends StatefulWidget {
  const SignInDialog({Key? key, required this.api}) : super(key: key);

  final Api api;

  @override
  State<SignInDialog> createState() => _SignInDialogState();
}

class _SignInDialogState extends State<SignInDialog> {
  final TextEditingController _email = TextEditingController();
  final TextEditingController _password = TextEditingController();
  String? _problem;

  @override
  void dispose() {
    _email.dispose();
    _password.dispose();
    super.dispose();
  }

  Future<void> _signIn() async {
    try {
      final given = await widget.api.signIn(_email.text.trim(), _password.text);
      if (mounted) Navigator.of(context).pop(given);
    } on Refused catch (refused) {
      setState(() => _problem = sentence(refused.code));
    }
  }

  @override
  Widget build(BuildContext context) => AlertDialog(
        title: const Text('Sign in'),
        content: AutofillGroup(
          child: Column(mainAxisSize: MainAxisSize.min, children: [
            TextField(
              controller: _email,
              keyboardType: TextInputType.emailAddress,
              autofillHints: const [AutofillHints.email],
              decoration: const InputDecoration(labelText: 'E-mail'),
            ),
            TextField(
              controller: _password,
              obscureText: true,
              autofillHints: const [AutofillHints.password],
              decoration: InputDecoration(
                labelText: 'Password',
                errorText: _problem,
              ),
              onSubmitted: (_) => _signIn(),
            ),
          ]),
        ),
        actions: [
          TextButton(
            onPressed: () => Navigator.of(context).pop(),
            child: const Text('Cancel'),
          ),
          FilledButton(onPressed: _signIn, child: const Text('Sign in')),
        ],
      );
}
