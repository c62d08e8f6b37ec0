/**
 * What is known of the 32 lanes of a warp together: vectors to compute them with, patterns of
 * addresses.
 */
package org.mirror4j.device.ptx.lanes;
