/**
 * Flows over the vectors of a model: {@link org.mirror4j.method.flow.FlowTraining} trains one,
 * {@link org.mirror4j.method.flow.FlowSettings} are the values, {@link
 * org.mirror4j.method.flow.FlowSource} says where vectors come from and what is written: {@link
 * org.mirror4j.method.flow.ModelSource} from a model and texts. Knows no other method.
 */
package org.mirror4j.method.flow;
