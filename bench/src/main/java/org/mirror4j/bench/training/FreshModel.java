package org.mirror4j.bench.training;

import org.mirror4j.bench.djl.Weights;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Workspace;

/** The weights that {@code MirrorRehearsal} starts from, for the other side of a measurement. */
public record FreshModel(BertConfig config, long seed) implements Weights {
  @Override
  public void forEach(Consumer consumer) {
    try (HostDevice device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      BertModel model = BertModel.fresh(device, workspace, config, seed);
      for (ParameterTable.Entry entry : model.table().entries()) {
        float[] values = new float[Math.toIntExact(entry.shape().size())];
        device.download(values, model.table().view(model.parameters(), entry.name()));
        consumer.accept(entry.name(), values, entry.shape());
      }
    }
  }
}
