package org.mirror4j.bert;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.PackedBatch.Positions;

class BatchTensorsTest {
  /** Types are not uploaded where all are 0, and must not be those of a batch before. */
  @Test
  void tokenTypesAreThoseOfTheBatch() {
    PackedBatch pairs =
        PackedBatch.of(
            new int[][] {{5, 6, 7}, {8, 9}}, new int[][] {{0, 1, 1}, {1, 0}}, Positions.BERT);
    PackedBatch few = PackedBatch.of(new int[][] {{5}, {6}}, Positions.BERT);
    PackedBatch many = PackedBatch.of(new int[][] {{5, 6, 7}, {8, 9, 4}}, Positions.BERT);
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      DeviceBuffers buffers = new DeviceBuffers(device);
      BatchTensors batch = new BatchTensors(device, workspace, BatchSize.of(many));
      for (int turn = 0; turn < 2; turn++) {
        batch.upload(few);
        assertThat(buffers.ints(batch.tokenTypeIds())).containsExactly(0, 0);
        assertThat(batch.tokenTypes().keys().rows()).isZero();
        batch.upload(many);
        assertThat(buffers.ints(batch.tokenTypeIds())).containsExactly(0, 0, 0, 0, 0, 0);
        batch.upload(pairs);
        assertThat(buffers.ints(batch.tokenTypeIds())).containsExactly(0, 1, 1, 1, 0);
        assertThat(buffers.ints(batch.tokenTypes().order())).containsExactly(1, 2, 3, 0, 4);
        assertThat(buffers.ints(batch.tokenTypes().keys())).containsExactly(1);
        assertThat(buffers.ints(batch.tokenTypes().starts())).containsExactly(0, 3);
      }
    }
  }
}
