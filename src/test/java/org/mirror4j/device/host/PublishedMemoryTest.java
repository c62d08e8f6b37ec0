package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.mirror4j.device.Device;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** One device reads what another one has published, and nothing more. */
class PublishedMemoryTest {
  private static final String READ_BY_ONE =
      "memory of device cpu is read by 1 other devices, expected to be closed before it";

  @Test
  void whatIsPublishedIsReadUntilTheReaderIsClosed() {
    try (Device owner = new HostDevice(1)) {
      Workspace weights = new Workspace(owner);
      Tensor x = weights.f32("x", 8);
      owner.kernels().memory().fill(x, 3);
      weights.publish();
      try (Device reader = new HostDevice(1);
          Workspace workspace = new Workspace(reader)) {
        Tensor y = workspace.f32("y", 8);
        assertThatThrownBy(() -> reader.kernels().memory().copy(y, x))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("lies in the memory of another device");
        reader.ownership().read(weights.ownership());
        reader.kernels().memory().copy(y, x);
        float[] values = new float[8];
        reader.download(values, y);
        assertThat(values).containsOnly(3);
        assertThatThrownBy(weights::close)
            .isInstanceOf(IllegalStateException.class)
            .hasMessage(READ_BY_ONE);
        assertThatThrownBy(owner::close)
            .isInstanceOf(IllegalStateException.class)
            .hasMessage(READ_BY_ONE);
        reader.kernels().memory().copy(y, x);
      }
      weights.close();
      assertThatThrownBy(() -> owner.kernels().optimizer().scale(x, 2))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void nobodyWritesIt() {
    try (Device owner = new HostDevice(1);
        Workspace weights = new Workspace(owner);
        Device reader = new HostDevice(1)) {
      Tensor x = weights.f32("x", 8);
      weights.publish();
      reader.ownership().read(weights.ownership());
      for (Device device : new Device[] {owner, reader}) {
        assertThatThrownBy(() -> device.kernels().memory().fill(x, 1))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("fill: x was published, expected only to be read");
        assertThatThrownBy(() -> device.upload(x, new float[8]))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("upload: x was published, expected only to be read");
        device.download(new float[8], x);
      }
      assertThatThrownBy(() -> x.rows(3))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("memory of device cpu is published, its tensors stay as they are");
    }
  }

  @Test
  void whatCannotBeReadIsRefused() {
    try (Device owner = new HostDevice(1);
        Device reader = new HostDevice(1)) {
      Workspace weights = new Workspace(owner);
      assertThatThrownBy(() -> reader.ownership().read(weights.ownership()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is not published or was freed");
      weights.publish();
      weights.close();
      assertThatThrownBy(() -> reader.ownership().read(weights.ownership()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is not published or was freed");
      Ownership card = Ownership.ofDevice("cuda");
      assertThatThrownBy(() -> card.read(weights.ownership()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("device cuda cannot reach the memory of another device cpu");
    }
  }
}
