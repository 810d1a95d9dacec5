// PrivFusion
