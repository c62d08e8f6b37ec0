package org.mirror4j.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Dropout;

/** The reference's gradient is the derivative of its forward pass. */
class AttentionReferenceTest {
  private static final Dropout DROPOUT = new Dropout(0.3, 0.4, 11);

  private static AttentionReference reference(double[] qkv) {
    int[] boundaries = {0, 1, 4, 9};
    int[] keyLengths = {1, 2, 5};
    AttentionReference.Tensors none = new AttentionReference.Tensors(Integer.MAX_VALUE, 0, 0);
    return new AttentionReference(boundaries, keyLengths, 3, 2, 6, DROPOUT, 1, none, qkv).forward();
  }

  @Test
  void gradientIsTheQuotientOfDifferences() {
    Random random = new Random(5);
    double[] qkv = random.doubles(9 * 18, -1, 1).toArray();
    double[] dContext = random.doubles(9 * 6, -1, 1).toArray();
    double[] gradient = reference(qkv).backward(dContext).dQkv;

    double step = 1e-5;
    for (int i = 0; i < qkv.length; i++) {
      double[] up = qkv.clone();
      double[] down = qkv.clone();
      up[i] += step;
      down[i] -= step;
      double quotient =
          (dot(reference(up).context, dContext) - dot(reference(down).context, dContext))
              / (2 * step);
      // third derivatives are of the order of the values: error step^2, plus rounding / step
      assertThat(quotient).as("element %d", i).isCloseTo(gradient[i], offset(1e-8));
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
