package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Dropout;

class HostDropoutTest {
  private static final int[] WIDTHS = {1, 3, 7, 8, 9, 12, 31, 63, 64, 65, 127, 768, 769};

  /** From the first to one whose block needs the high counter word. */
  private static final long[] ROWS = {0, 1, 5, (1L << 28) - 1, 1L << 33, (1L << 40) + 3};

  private final HostAllocator memory = new HostAllocator();
  private final int[] words = new int[4];

  @AfterEach
  void free() {
    memory.freeAll();
  }

  @Test
  void equalsTheDefinitionElementForElement() {
    for (long seed : new long[] {0, -1, 0x0123_4567_89AB_CDEFL}) {
      for (int step : new int[] {0, 1, -1}) {
        for (double rate : new double[] {0.1, 0.5, 0.9, 0.99999}) {
          Dropout dropout = new Dropout(rate, 0, seed);
          dropout.step(step);
          compare(dropout, 61);
        }
      }
    }
  }

  private void compare(Dropout dropout, int site) {
    for (int width : WIDTHS) {
      int written = HostDropout.floats(width);
      long to = memory.allocate(4L * (written + 1));
      for (long row : ROWS) {
        HostAllocator.f32(to, written, 42f);
        HostDropout.multipliers(to, dropout, site, row, width, width);
        for (int column = 0; column < width; column++) {
          long index = row * Dropout.rowStride(width) + column;
          boolean keep = dropout.half(words, site, index) >= dropout.threshold();
          float got = HostAllocator.f32(to, column);
          if (got != (keep ? dropout.scale() : 0f)) {
            assertThat(got).as("row %d column %d of %d", row, column, width).isEqualTo(keep);
          }
        }
        assertThat(HostAllocator.f32(to, written)).as("past the end").isEqualTo(42f);
      }
      memory.free(to);
    }
  }

  /** Rows from one whose counters need the high word on, as far apart as heads are many. */
  @Test
  void bitsOfRowsEqualTheDefinitionToo() {
    Dropout dropout = new Dropout(0.3, 0, 0x0123_4567_89AB_CDEFL);
    dropout.step(3);
    int width = Dropout.ATTENTION_WIDTH;
    int rows = 11;
    for (int count : new int[] {1, 3, 8, 9, 63, 64, 65, 130}) {
      int pitch = HostDropout.pitch(count);
      long to = memory.allocate((long) rows * pitch + 8);
      for (long first : new long[] {0, 12, (1L << 19) - 5}) {
        HostAllocator.i32(to, rows * pitch / 4, 42);
        HostDropout.rowBits(to, dropout, 61, first, 12, rows, width, count);
        for (int row = 0; row < rows; row++) {
          for (int column = 0; column < count; column++) {
            long index = (first + 12L * row) * width + column;
            boolean keep = dropout.half(words, 61, index) >= dropout.threshold();
            long word = HostAllocator.i64(to + (long) row * pitch, column / 64);
            assertThat((word >>> column % 64 & 1) == 1)
                .as("row %d column %d of %d", row, column, count)
                .isEqualTo(keep);
          }
        }
        assertThat(HostAllocator.i32(to, rows * pitch / 4)).as("past the end").isEqualTo(42);
      }
      memory.free(to);
    }
  }

  @Test
  void headsHaveAThresholdOfTheirOwn() {
    Dropout dropout = new Dropout(0, 0.25, 9);
    long to = memory.allocate(4L * HostDropout.floats(12));
    HostDropout.multipliers(to, dropout, dropout.headThreshold(), 1f, 4, 7, 12, 12);
    for (int head = 0; head < 12; head++) {
      int half = dropout.half(words, 4, 7 * 16 + head);
      assertThat(HostAllocator.f32(to, head)).isEqualTo(half >= dropout.headThreshold() ? 1f : 0f);
    }
  }

  @Test
  void rateZeroKeepsAll() {
    long to = memory.allocate(4L * HostDropout.floats(769));
    HostDropout.multipliers(to, Dropout.NONE, 4, 7, 769, 769);
    for (int i = 0; i < 769; i++) {
      assertThat(HostAllocator.f32(to, i)).isEqualTo(1f);
    }
  }
}
