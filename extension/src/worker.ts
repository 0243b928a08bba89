/** Follows the address of Worldview's tabs; the panel does the rest. Worldview replaces its address without loading anything, which only this event tells. */
import { adopt, noteActive, noteAddress, noteClosed } from "./views";

chrome.runtime.onInstalled.addListener(() => void adopt());
chrome.runtime.onStartup.addListener(() => void adopt());
chrome.tabs.onUpdated.addListener((tabId, change, tab) => {
  if (change.url) void noteAddress(tabId, change.url, tab.active);
});
chrome.tabs.onActivated.addListener(({ tabId }) => void noteActive(tabId));
chrome.tabs.onRemoved.addListener((tabId) => void noteClosed(tabId));
void chrome.sidePanel.setPanelBehavior({ openPanelOnActionClick: true });
