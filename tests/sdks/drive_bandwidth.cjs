/**
 * Use Bandwidth's SDK for Node as a developer does, for each account, and print the results as JSON.
 *
 * It runs as `node drive_bandwidth.cjs <account ids>`; NODE_PATH has the SDK. The environment names
 * the archive. As Bandwidth's own tests do, it deletes the media of a recording and then the
 * recording.
 */

const { createHash } = require("node:crypto");
const { Configuration, ConferencesApi, RecordingsApi } = require("bandwidth-sdk");

const BINARY = { responseType: "arraybuffer" };

async function drive(account) {
  const basePath = `${process.env.ARCHIVE_URL}/api/v2`;
  const configuration = new Configuration({ basePath, username: account, password: process.env.ARCHIVE_SECRET });
  const recordings = new RecordingsApi(configuration);
  const conferences = new ConferencesApi(configuration);
  const since = new Date(Date.now() - 60 * 24 * 3600 * 1000).toISOString();
  const listed = (await recordings.listAccountCallRecordings(account, undefined, undefined, since)).data;
  const [first] = listed;
  const got = (await recordings.getCallRecording(account, first.callId, first.recordingId)).data;
  const audio = (await recordings.downloadCallRecording(account, first.callId, first.recordingId, BINARY)).data;
  const conferred = (await conferences.listConferenceRecordings(account, "conf-1")).data;
  const media = await recordings.deleteRecordingMedia(account, first.callId, first.recordingId);
  const whole = await recordings.deleteRecording(account, first.callId, first.recordingId);
  const refused = await recordings
    .getCallRecording(account, first.callId, first.recordingId)
    .catch((error) => [error.response.status, error.response.data.type]);
  const left = (await recordings.listAccountCallRecordings(account, undefined, undefined, since)).data;
  return {
    listed: listed.map((recording) => recording.recordingId),
    got,
    sha256: createHash("sha256").update(audio).digest("hex"),
    conferred: conferred.map((recording) => [recording.recordingId, recording.conferenceId]),
    deleted: [media.status, whole.status],
    refused,
    left: left.map((recording) => recording.recordingId),
  };
}

async function main() {
  const found = {};
  for (const account of process.argv.slice(2)) {
    found[account] = await drive(account);
  }
  process.stdout.write(JSON.stringify(found));
}

main();
