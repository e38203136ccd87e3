/// The call goes on behind other apps: on Android by a foreground service, on
/// iOS by the background mode `audio` of Info.plist.
import 'dart:io';

import 'package:flutter_foreground_task/flutter_foreground_task.dart';

Future<void> stayInBackground() async {
  if (!Platform.isAndroid) return;
  FlutterForegroundTask.init(
    androidNotificationOptions: AndroidNotificationOptions(
      channelId: 'call',
      channelName: 'Call',
    ),
    iosNotificationOptions: const IOSNotificationOptions(),
    foregroundTaskOptions: ForegroundTaskOptions(
      eventAction: ForegroundTaskEventAction.nothing(),
      allowWakeLock: true,
      allowWifiLock: true,
    ),
  );
  await FlutterForegroundTask.startService(
    notificationTitle: 'Dragoman',
    notificationText: 'A call is on. The microphone is open.',
  );
}

Future<void> leaveBackground() async {
  if (Platform.isAndroid) await FlutterForegroundTask.stopService();
}
