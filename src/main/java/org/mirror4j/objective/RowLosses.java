package org.mirror4j.objective;

import org.mirror4j.device.Device;
import org.mirror4j.tensor.Tensor;

/** Losses of single rows on a device, of which a step reports the sum or the mean. */
public final class RowLosses {
  private final Device device;
  private final Tensor losses;
  private final float[] downloaded;

  /**
   * Takes where they lie.
   *
   * @param losses f32, a row for each prediction, as large as it can be
   */
  public RowLosses(Device device, Tensor losses) {
    this.device = device;
    this.losses = losses;
    downloaded = new float[Math.toIntExact(losses.size())];
  }

  /** Says how many rows there are. */
  public void rows(int rows) {
    losses.rows(rows);
  }

  /** Where an operation writes them. */
  public Tensor tensor() {
    return losses;
  }

  /** Sum over the rows, in f64 in order, once they are computed; 0 of none. */
  public double sum() {
    device.download(downloaded, losses);
    double sum = 0;
    for (int i = 0; i < losses.size(); i++) {
      sum += downloaded[i];
    }
    return sum;
  }

  /** Mean over the rows, once they are computed; 0 of none. */
  public double mean() {
    return losses.size() == 0 ? 0 : sum() / losses.size();
  }
}
