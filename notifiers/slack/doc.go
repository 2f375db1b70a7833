// Package slack tells a Slack channel, hears which buttons people press there,
// and is the only door to slack-go.
//
// In: a Notification, or a press. Out: a message of blocks, and as receipt what
// finds it again; or a call of Actions.
//
// # The life of a message
//
// With a bot token (scope chat:write) a group of alerts is one message, edited
// as the group changes: more alerts, counts, who acknowledged, whom it was
// escalated to; struck through when all is over. Slack calls nobody for an
// edit, so what happened is told in the thread of the message, in one reply a
// notification; the first reply tells the life from its beginning. A repeat, an
// escalation, a silence that ends and a severity that got worse are shown in
// the channel too. What fires after the end is a new message.
//
// The receipt has the message's channel and timestamp and how much of the
// timeline the thread tells, so that all of this goes on after a restart. When
// the reply fails after the edit, the error says Resume, and the next try only
// replies. A message that is gone is followed by a new one.
//
// Slack has no key that makes a post happen once: when its answer gets lost the
// next try posts again. Both carry the notification's ID in their metadata.
//
// With an incoming webhook Slack returns no handle: each notification but the
// quiet ones is a message of its own, without thread and buttons.
//
// # What is in a message
//
// A heading with severity and summary; what people did; when, where and which
// rule; the description; the facts; the evidence; or, for several alerts, their
// names and a line for each; buttons, where somebody listens; a bar in the
// colour of the state. Text from outside is in plain_text objects, which Slack
// shows as they are, or escaped in mrkdwn, in which it can begin no mention and
// no link and leave no code. A message stays within 20 blocks and 10,000
// characters. Should Slack refuse the blocks all the same, it is sent once more
// as plain text.
//
// What Slack's answers mean is the table in meanings.go. One try is one call
// for the message and one for the thread (each twice where the words above say
// so); when to try again is the caller's.
//
// # Buttons
//
// Listener holds the websocket of Socket Mode and calls Actions. Sending does
// not depend on it.
package slack
