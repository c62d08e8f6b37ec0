package org.mirror4j.device.host;

import org.mirror4j.device.operation.Flow;

/**
 * How the steps of flows are cut into pieces: a piece has a run of channels of all rows, so that a
 * sum over the rows has one order and a channel's scale is computed once.
 */
final class ChannelChunk {
  /** Channels of a piece: rows of whole cache lines. */
  static final int CHANNELS = 32;

  private ChannelChunk() {}

  /** Pieces of so many channels. */
  static int pieces(int channels) {
    return (channels + CHANNELS - 1) / CHANNELS;
  }

  /** The channel after the last one of a piece. */
  static int end(int index, int channels) {
    return Math.min(channels, (index + 1) * CHANNELS);
  }

  /** {@code exp(3 logScale)}: relative error at most {@code (|3 logScale| + 2) u}. */
  static float scale(long logScale, int channel) {
    return VectorMath.exp(Flow.LOG_SCALE_FACTOR * HostAllocator.f32(logScale, channel));
  }
}
