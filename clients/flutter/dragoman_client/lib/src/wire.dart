/// Reads and writes records of the protocol by their tables of members.
///
/// Unknown members are ignored, and a text outside of its closed set is read:
/// a server may be newer than its client.
import 'dart:convert';

typedef Reader = WireRecord Function(Object? json);

/// JSON that is not what the protocol says.
class WireError implements Exception {
  const WireError(this.message);

  final String message;

  @override
  String toString() => 'WireError: $message';
}

/// One kind of value. `read` throws WireError.
abstract class Wire<T> {
  const Wire();

  T read(Object? json);
}

class Text extends Wire<String> {
  const Text();

  @override
  String read(Object? json) => json is String ? json : _refuse('a text');
}

class Whole extends Wire<int> {
  const Whole();

  @override
  int read(Object? json) => json is int ? json : _refuse('an integer');
}

class Real extends Wire<double> {
  const Real();

  @override
  double read(Object? json) =>
      json is num ? json.toDouble() : _refuse('a number');
}

class Truth extends Wire<bool> {
  const Truth();

  @override
  bool read(Object? json) => json is bool ? json : _refuse('true or false');
}

class Anything extends Wire<Object?> {
  const Anything();

  @override
  Object? read(Object? json) => json;
}

class Either extends Wire<Object?> {
  const Either(this.ones);

  final List<Wire<Object?>> ones;

  @override
  Object? read(Object? json) {
    for (final one in ones) {
      try {
        return one.read(json);
      } on WireError {
        continue;
      }
    }
    return _refuse('one of several');
  }
}

class Exactly<T extends Object> extends Wire<T> {
  const Exactly(this.value);

  final T value;

  @override
  T read(Object? json) => json == value ? value : _refuse('$value');
}

class OneOf extends Wire<String> {
  const OneOf(this.values);

  /// What this version of the protocol knows.
  final List<String> values;

  @override
  String read(Object? json) => json is String ? json : _refuse('a text');
}

class Nullable<T> extends Wire<T?> {
  const Nullable(this.of);

  final Wire<T> of;

  @override
  T? read(Object? json) => json == null ? null : of.read(json);
}

class ListOf<T> extends Wire<List<T>> {
  const ListOf(this.of);

  final Wire<T> of;

  @override
  List<T> read(Object? json) {
    if (json is! List) return _refuse('a list');
    return <T>[for (final Object? one in json) of.read(one)];
  }
}

class MapOf<T> extends Wire<Map<String, T>> {
  const MapOf(this.of);

  final Wire<T> of;

  @override
  Map<String, T> read(Object? json) {
    if (json is! Map<String, Object?>) return _refuse('an object');
    return json.map((key, value) => MapEntry(key, of.read(value)));
  }
}

class RecordOf<T extends WireRecord> extends Wire<T> {
  const RecordOf(this.of);

  final T Function(Object? json) of;

  @override
  T read(Object? json) => of(json);
}

/// A member of a record, as its table names it.
class Member {
  const Member(this.name, this.type, {this.isRequired = true});

  final String name;
  final Wire<Object?> type;
  final bool isRequired;
}

/// A message, or a part of one. Its members are those of its table.
abstract class WireRecord {
  WireRecord(this._values);

  final Map<String, Object?> _values;

  List<Member> get members;

  Object? operator [](String name) => _values[name];

  Map<String, Object?> toJson() {
    final json = <String, Object?>{};
    for (final member in members) {
      final value = _values[member.name];
      if (value != null || member.isRequired) json[member.name] = _plain(value);
    }
    return json;
  }

  @override
  String toString() => jsonEncode(toJson());
}

/// Return the values of a record, or throw WireError.
Map<String, Object?> readRecord(Object? json, List<Member> members) {
  if (json is! Map<String, Object?>) return _refuse('an object');
  final values = <String, Object?>{};
  for (final member in members) {
    final value = json[member.name];
    if (value == null && !member.isRequired) continue;
    if (!json.containsKey(member.name)) _refuse(member.name);
    values[member.name] = member.type.read(value);
  }
  return values;
}

/// Return the message in `text`, or null where its type is not among
/// `readers`: a newer server sent it.
WireRecord? readMessage(String text, Map<String, Reader> readers) {
  final Object? json;
  try {
    json = jsonDecode(text);
  } on FormatException {
    return _refuse('JSON');
  }
  if (json is! Map<String, Object?>) return _refuse('an object');
  final reader = readers[json['type']];
  return reader == null ? null : reader(json);
}

Object? _plain(Object? value) {
  if (value is WireRecord) return value.toJson();
  if (value is List) return [for (final Object? one in value) _plain(one)];
  if (value is Map<String, Object?>) {
    return value.map((key, one) => MapEntry(key, _plain(one)));
  }
  return value;
}

Never _refuse(String wanted) => throw WireError('$wanted is missing');
