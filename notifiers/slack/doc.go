// Package slack tells a Slack channel, and is the only door to slack-go.
//
// In: a Notification. Out: a message of blocks, and as receipt its channel and
// timestamp. There are two ways, chosen by the configuration:
//
//   - With a bot token (scope chat:write) the message of a firing alert is
//     edited when it resolves. One that cannot be edited any more is followed
//     by a new one.
//   - With an incoming webhook Slack returns no handle, so that the end is a
//     second message.
//
// The message: a header with severity and summary; when, where and which rule;
// the description; the facts; the evidence; a bar in the colour of the state.
// Everything from outside is in plain_text objects, which Slack shows as they
// are, or in a code block with &<> escaped. It stays within 20 blocks and
// 10,000 characters. Should Slack refuse the blocks all the same, the message is
// sent once more as plain text.
//
// What Slack's answers mean is the table in errors.go. One try is one call (two
// where the words above say so); when to try again is the caller's.
package slack
