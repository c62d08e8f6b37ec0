/**
 * The text of a GPU kernel: where it is found, the contract in its header, and the storage types it
 * is expanded for. Knows nothing of how a kernel is run.
 */
package org.mirror4j.device.launch.source;
