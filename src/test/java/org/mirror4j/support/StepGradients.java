package org.mirror4j.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.reference.ReferenceTraining;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * What a device computes in a whole step, to be held against the oracle in double.
 *
 * @param gradients of every parameter by its name in the oracle
 */
public record StepGradients(double loss, Map<String, float[]> gradients) {
  /** The gradients in a flat buffer. */
  public static StepGradients download(Device device, BertModel model, double loss, Tensor flat) {
    return new StepGradients(loss, SmallModel.download(device, model.table(), flat));
  }

  /**
   * How far off a device may be, of the size of a tensor's largest element. An f32 product of inner
   * size n is off by about u sqrt(n) of its size, u = 2^-24, and an error grows by every operation
   * after it: with errors of random sign, k operations in sequence leave sqrt(k n) u. A layer has 5
   * products and 5 other operations each way, embedding and head have ten more. Products are summed
   * in f32 whatever the storage, so each of the k operations adds one rounding of what it stores:
   * sqrt(k) times that.
   *
   * @param inner terms of the longest sum, over rows or over columns
   */
  public static double error(int layers, int inner, DType storage) {
    return Math.sqrt(20 * layers + 10) * (Math.sqrt(inner) * DeviceBuffers.U + roundoff(storage));
  }

  /** Relative error of storing an activation, beside that of f32. */
  private static double roundoff(DType storage) {
    return switch (storage) {
      case F16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      default -> 0;
    };
  }

  /**
   * Fails where loss or gradients are further off.
   *
   * @param relative of the largest element of each tensor
   * @param vanishing parameters that the loss does not depend on: their gradient is 0, a sum of
   *     terms as large as those of another, whose name is the value
   */
  public void requireCloseTo(
      ReferenceTraining.Step expected, double relative, Map<String, String> vanishing) {
    assertThat(loss).as("loss").isCloseTo(expected.loss(), within(relative));
    Map<String, String> wrong = new TreeMap<>();
    for (Map.Entry<String, float[]> gradient : gradients.entrySet()) {
      String name = gradient.getKey();
      double[] values = expected.gradients().get(name).data;
      // What adds the same to all scores of a query softmax does not see: a key's bias, and what
      // its
      // weight makes of that which all tokens have in common. So gradients of keys are what is left
      // of terms as large as those of queries, and are off as those are.
      String like = vanishing.getOrDefault(name, name.replace("self.key.", "self.query."));
      double size = Math.max(largest(expected.gradients(), like), largest(values));
      double bound = relative * size;
      assertThat(gradient.getValue()).hasSameSizeAs(values);
      double worst = 0;
      for (int i = 0; i < values.length; i++) {
        double error = Math.abs(gradient.getValue()[i] - values[i]);
        worst = error <= worst ? worst : error;
      }
      if (!(worst <= bound)) {
        wrong.put(name, "off by %.3g, allowed %.3g".formatted(worst, bound));
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static double largest(ReferenceParameters gradients, String name) {
    double largest = largest(gradients.get(name).data);
    assertThat(largest).as(name).isPositive();
    return largest;
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElseThrow();
  }
}
